// The stream of the live view. Only as many events are read as can be shown; the others are counted. So a flood costs the
// browser little, and the view says what it leaves out.

import { request, texts, type Trace } from "../api";

export interface Tick {
  traces: Trace[];
  passed: number; // all that came since the last tick, also those that the server left out
}

const mostPerTick = 15;
const tick = 250; // ms
const underFlood = 2; // ticks until it is shown: all rows are laid out anew each time, and nobody reads faster

/** watch calls begun once no event is missed, then show a few times a second until it is stopped or the stream ends. */
export async function watch(path: string, stop: AbortSignal, begun: () => void, show: (tick: Tick) => void): Promise<void> {
  const answer = await request(path, { signal: stop });
  begun();
  let waiting: string[] = []; // of messages with a trace, unread
  let lost = 0;
  let rounds = 0;
  const timer = setInterval(() => {
    const passed = waiting.length + lost;
    if (waiting.length === 0 || (passed > mostPerTick && ++rounds < underFlood)) return; // what is lost is reported with the next that is not
    const chosen = pick(waiting, mostPerTick);
    rounds = 0;
    waiting = [];
    lost = 0;
    const traces = chosen.map((data) => JSON.parse(data) as Trace);
    requestAnimationFrame(() => show({ traces, passed }));
  }, tick);
  try {
    let rest = "";
    for await (const piece of texts(answer)) {
      rest += piece;
      let from = 0;
      for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n", from)) {
        const message = rest.slice(from, end);
        from = end + 2;
        if (message.startsWith("event: lost")) lost += Number(/"lost":(\d+)/.exec(message)?.[1] ?? 0);
        else if (message.startsWith("data: ")) waiting.push(message.slice(6));
      }
      rest = rest.slice(from);
    }
  } finally {
    clearInterval(timer);
  }
}

/** pick takes at most n of a list, evenly spread. */
function pick<T>(list: T[], n: number): T[] {
  if (list.length <= n) return list;
  return Array.from({ length: n }, (_, i) => list[Math.floor((i * list.length) / n)]!);
}
