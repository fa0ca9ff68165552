// Consent tools that a page can ask. Which one to wait for, the tag says: data-consent="tcf", "gpp google", "cookie:NAME".
import { decide } from './choice';

type Listen = (...args: unknown[]) => void;
type Globals = Record<string, Listen | undefined>;

/** Calls use with a function of the page, as soon as there is one. */
function whenThere(name: string, use: (api: Listen) => void): void {
  const api = (window as unknown as Globals)[name];
  if (api) use(api);
  else setTimeout(whenThere, 300, name, use);
}

const tools: Record<string, (name: string) => void> = {
  tcf: () =>
    whenThere('__tcfapi', (api) =>
      api('addEventListener', 2, (d: { eventStatus: string; tcString: string; gdprApplies?: boolean }, ok: boolean) => {
        if (ok && (d.gdprApplies === false || /^tcloaded|^useraction/.test(d.eventStatus)))
          decide(true, {}, { gdpr: d.gdprApplies === false ? 0 : 1, gdpr_consent: d.tcString || '' });
      }),
    ),
  gpp: () =>
    whenThere('__gpp', (api) => {
      const read = (d?: { signalStatus: string; gppString: string; applicableSections?: number[] }) => {
        if (d && d.signalStatus == 'ready') decide(true, {}, { gpp: d.gppString, gpp_sid: (d.applicableSections || []).join('_') });
      };
      api('addEventListener', (event?: { pingData: Parameters<typeof read>[0] }) => event && read(event.pingData));
      api('ping', read);
    }),
  google: () => {
    const w = window as unknown as { dataLayer?: unknown[] };
    const layer = (w.dataLayer = w.dataLayer || []);
    const read = (entry: unknown) => {
      const [command, kind, types] = Array.from((entry || []) as unknown[]) as [unknown, unknown, Record<string, unknown>];
      if (command != 'consent' || kind != 'update') return; // a default is no choice
      const said: Record<string, boolean> = {};
      for (const type in types) if (/_/.test(type) && /ed$/.test('' + types[type])) said[type] = types[type] == 'granted';
      decide(true, said);
    };
    layer.forEach(read);
    const push = layer.push;
    layer.push = function (...entries) {
      entries.forEach(read);
      return push.apply(layer, entries);
    };
  },
  cookie: (name) => {
    let before = '';
    setInterval(() => {
      const [, now = ''] = ('; ' + document.cookie).split('; ' + name + '=');
      const value = now.split(';')[0]!;
      if (value && value != before) decide(true, {}, {}, before != '');
      before = value;
    }, 500);
  },
  own: () => {},
};

export const ask = (names: string): void => {
  names.split(' ').forEach((one) => {
    const [kind, name] = one.split(':') as [string, string];
    (tools[kind] || tools.own!)(name);
  });
};
