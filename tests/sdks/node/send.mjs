// Sends events with every SDK for servers: half of them, then a line "half" is printed and one is awaited, then the rest and "done".
// The events of segment are called segment_0, segment_1 and so on.
//
//   node send.mjs http://127.0.0.1:8080 '{"segment": 2500, ...}'
import { createInterface } from 'node:readline';
import * as amplitude from '@amplitude/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { buildStructEvent, newTracker } from '@snowplow/node-tracker';
import Mixpanel from 'mixpanel';
import { PostHog } from 'posthog-node';

const [base, counts] = process.argv.slice(2);
const { hostname, port } = new URL(base);

// Each has send, which takes the names of events, and end, which waits until all are sent.
const sdks = {
  segment() {
    const analytics = new Analytics({ writeKey: 'WRITE_KEY', host: base });
    return {
      send: (names) => names.forEach((event) => analytics.track({ userId: 'u-segment', event })),
      end: () => analytics.closeAndFlush(),
    };
  },
  rudderstack() {
    const analytics = new RudderAnalytics('WRITE_KEY', { dataPlaneUrl: `${base}/rudder`, flushInterval: 200, errorHandler: fail });
    return {
      send: (names) => names.forEach((event) => analytics.track({ userId: 'u-rudderstack', event })),
      end: () => analytics.flush(),
    };
  },
  posthog() {
    const client = new PostHog('POSTHOG_API_KEY', { host: `${base}/ph` });
    return {
      send: (names) => names.forEach((event) => client.capture({ distinctId: 'u-posthog', event })),
      end: () => client.shutdown(),
    };
  },
  amplitude() {
    amplitude.init('AMPLITUDE_API_KEY', { serverUrl: `${base}/amplitude/2/httpapi`, flushIntervalMillis: 200 });
    let sent = [];
    return {
      send: (names) => { sent = sent.concat(names.map((name) => amplitude.track(name, {}, { user_id: 'u-amplitude' }).promise)); },
      async end() {
        for (const { code, message } of await Promise.all(sent)) if (code !== 200) fail(new Error(`amplitude: ${code} ${message}`));
      },
    };
  },
  mixpanel() {
    const client = Mixpanel.init('MIXPANEL_TOKEN', { protocol: 'http', host: `${hostname}:${port}`, path: '/mixpanel' });
    let sent = [];
    const done = (call) => new Promise((yes) => { call((error) => { if (error) fail([error].flat()[0]); yes(); }); });
    return {
      send(names) {
        const events = names.map((event) => ({ event, properties: { distinct_id: 'u-mixpanel' } }));
        const alone = events.splice(0, 50); // one by one, each a GET
        sent = sent.concat(alone.map(({ event, properties }) => done((back) => client.track(event, properties, back))));
        sent.push(done((back) => client.track_batch(events, back)));
      },
      end: () => Promise.all(sent),
    };
  },
  snowplow() {
    let settled = 0;
    let sent = 0;
    const tracker = newTracker({ namespace: 'sp', appId: 'shop' }, {
      endpoint: base, onRequestSuccess: (events) => { settled += events.length; },
    });
    const next = (name) => { sent++; tracker.track(buildStructEvent({ category: 'server', action: name })); };
    return {
      send: (names) => names.forEach(next),
      // What a failed request leaves goes out along with the next event only.
      async end() {
        for (let extra = 0; settled < sent; extra++) {
          await new Promise((later) => { setTimeout(later, 200); });
          if (settled < sent) next(`snowplow_extra_${extra}`);
        }
      },
    };
  },
};

function fail(error) {
  console.error(error);
  process.exitCode = 1;
}

const running = Object.entries(JSON.parse(counts)).map(([name, count]) => {
  const names = Array.from({ length: count }, (_, i) => `${name}_${i}`);
  return { ...sdks[name](), first: names.slice(0, count / 2), rest: names.slice(count / 2) };
});
for (const { send, first } of running) send(first);
console.log('half');
for await (const line of createInterface({ input: process.stdin })) {
  for (const { send, rest } of running) send(rest);
  break;
}
await Promise.all(running.map(({ end }) => end()));
console.log('done');
process.exit();
