// Videos: begun, a quarter, a half, three quarters, ended, in GA4's words. Players of YouTube and Vimeo are asked by messages; YouTube's
// answers where the frame's address has enablejsapi=1.
interface State {
  duration: number;
  title?: string;
  url: string;
  provider: string;
}

const reached = new Map<unknown, number>(); // percent, by the player

function watched(player: unknown, seconds: number, s: State): void {
  const percent = s.duration ? (seconds / s.duration) * 100 : 0;
  const before = reached.has(player) ? reached.get(player)! : -1;
  const now = [99, 75, 50, 25, 0].find((step) => percent >= step)!;
  if (now <= before) return;
  reached.set(player, now);
  for (const step of [0, 25, 50, 75, 99])
    if (step > before && step <= now)
      window.headgate.track(step == 0 ? 'video_start' : step == 99 ? 'video_complete' : 'video_progress', {
        video_provider: s.provider,
        video_url: s.url,
        video_title: s.title,
        video_duration: Math.round(s.duration),
        video_current_time: Math.round(seconds),
        video_percent: step == 99 ? 100 : step,
      });
}

for (const name of ['play', 'timeupdate', 'ended'])
  document.addEventListener(
    name,
    ({ target }) => {
      const video = target as HTMLVideoElement;
      if (video.tagName != 'VIDEO') return;
      watched(video, video.ended ? video.duration : video.currentTime, {
        duration: video.duration || 0,
        title: video.title || undefined,
        url: video.currentSrc,
        provider: 'html5',
      });
    },
    true,
  );

const youtube = /^https:\/\/www\.youtube(-nocookie)?\.com$/;
const vimeo = 'https://player.vimeo.com';
const lengths = new Map<unknown, number>();

function ask(frame: HTMLIFrameElement): void {
  const { origin } = new URL(frame.src || 'about:blank', location.href);
  const say = (what: object) => frame.contentWindow && frame.contentWindow.postMessage(JSON.stringify(what), origin);
  if (youtube.test(origin)) say({ event: 'listening', id: 1, channel: 'widget' });
  if (origin == vimeo) for (const value of ['play', 'timeupdate', 'ended']) say({ method: 'addEventListener', value });
}

addEventListener('message', ({ origin, data, source }) => {
  const ours = origin == vimeo ? 'vimeo' : youtube.test(origin) ? 'youtube' : '';
  if (!ours) return;
  const frame = Array.from(document.querySelectorAll('iframe')).find((f) => f.contentWindow == source);
  let said = data;
  try {
    if (typeof data == 'string') said = JSON.parse(data);
  } catch {
    return;
  }
  if (!frame || !said) return;
  if (said.event == 'ready') return ask(frame);
  // YouTube says what has changed only: the length once.
  const d = (ours == 'vimeo' ? said.data : said.info) || {};
  if (d.duration) lengths.set(source, d.duration);
  const seconds = d.seconds != null ? d.seconds : d.currentTime;
  if (seconds != null && (ours == 'vimeo' || seconds > 0))
    watched(source, seconds, { duration: lengths.get(source) || 0, title: frame.title || undefined, url: frame.src.split('?')[0]!, provider: ours });
});

const askAll = () => document.querySelectorAll('iframe').forEach(ask);
document.addEventListener('load', (e) => (e.target as Element).tagName == 'IFRAME' && ask(e.target as HTMLIFrameElement), true);
askAll();

export {};
