// The stub that a page may have inline: calls made before the script is there wait in a list.
import type { Headgate } from '../types';

const w = window as unknown as { headgate: Partial<Record<keyof Headgate, unknown>> & { q?: unknown[] } };
const h = (w.headgate = w.headgate || { q: [] });
for (const name of ['track', 'page', 'identify', 'consent', 'set', 'on'] as const)
  h[name] =
    h[name] ||
    function () {
      h.q!.push([name, arguments]);
    };
