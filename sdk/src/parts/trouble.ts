// Signs that a page does not do what it should: errors, clicks without effect, and clicks again and again on the same spot.

const describe = (e: Element): string => e.tagName.toLowerCase() + (e.id && '#' + e.id) + Array.from(e.classList, (c) => '.' + c).join('');

let errors = 0;
function failed(description: string, file = '', line = 0): void {
  if (errors++ < 5) window.headgate.track('exception', { description: description.slice(0, 150), file: file.split('?')[0], line, fatal: false });
}
addEventListener('error', ({ message, filename, lineno }) => message && failed(message, filename, lineno));
addEventListener('unhandledrejection', ({ reason }) => failed(String((reason && reason.message) || reason)));

let last: MouseEvent | undefined;
let clicks = 0;
addEventListener(
  'click',
  (event) => {
    const target = event.composedPath()[0] as Element;
    if (!event.isTrusted || !target.tagName) return;
    const near = last && event.timeStamp - last.timeStamp < 1000 && Math.abs(event.x - last.x) + Math.abs(event.y - last.y) < 30;
    clicks = near ? clicks + 1 : 1;
    last = event;
    if (clicks == 3) window.headgate.track('rage_click', { element: describe(target) });
    const button = target.closest('a,button,[role=button],[onclick],summary');
    if (clicks == 1 && button) lifeless(button);
  },
  true,
);

/** Reports a click on what looks as if it did something, when nothing follows within two seconds. */
function lifeless(element: Element): void {
  const done = () => {
    clearTimeout(timer);
    observer.disconnect();
    for (const name of signs) removeEventListener(name, done, true);
  };
  const signs = ['scroll', 'focusin', 'change', 'submit', 'pagehide', 'blur', 'popstate', 'toggle', 'play'];
  const address = location.href;
  const observer = new MutationObserver(done);
  const timer = setTimeout(() => {
    done();
    if (address == location.href) window.headgate.track('dead_click', { element: describe(element) });
  }, 2000);
  // The focus that the click itself brings is no effect.
  setTimeout(() => {
    for (const name of signs) addEventListener(name, done, true);
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

export {};
