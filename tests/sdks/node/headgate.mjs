const { HEADGATE_URL, HEADGATE_KEY } = process.env; // https://t.shop.example/e, one of server_keys

// track sends an event of a visitor. What it needs of the request is copied at once; the request may end meanwhile.
export async function track({ url, headers, ip }, name, params = {}, id = crypto.randomUUID()) {
  const cookies = new Map((headers.get('cookie') ?? '').split('; ').map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]));
  const event = JSON.stringify({
    id, name, params, time: new Date().toISOString(),
    user: { client_id: cookies.get('_hg')?.replace(/^1\.\d+\./, '') },
    page: { url, referrer: headers.get('referer') ?? undefined },
    device: { ip, user_agent: headers.get('user-agent') ?? undefined },
    consent: { analytics: cookies.get('consent_analytics') === 'yes', ads: cookies.get('consent_ads') === 'yes' },
  });
  for (let wait = 500; wait <= 4000; wait *= 2) {
    const answer = await fetch(HEADGATE_URL, {
      method: 'POST', body: event, signal: AbortSignal.timeout(2000),
      headers: { 'X-Write-Key': HEADGATE_KEY, 'Content-Type': 'application/json' },
    }).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 429) return;
    await new Promise((later) => { setTimeout(later, wait); }); // the same id again: it counts once
  }
}

// pageView sends a page view and returns its id for the page: data-view of the browser script, which completes it. A visitor's first
// view has no id of theirs yet, and a prefetched page may never be seen: these are left to the browser.
export function pageView(visitor) {
  const id = crypto.randomUUID();
  if (/(^|; )_hg=/.test(visitor.headers.get('cookie') ?? '') && !visitor.headers.has('sec-purpose')) track(visitor, 'page_view', {}, id);
  return id;
}
