import { pageView, track } from './headgate.mjs';

// The address of the visitor is what your own proxy says, or your platform.
const visitor = (request) => ({ url: request.url, headers: request.headers, ip: request.headers.get('x-real-ip') ?? undefined });

export async function loader({ request, context }) {
  const sent = track(visitor(request), 'purchase', { transaction_id: new URL(request.url).searchParams.get('order'), value: 59.8, currency: 'EUR' });
  context?.waitUntil?.(sent); // where a platform would end the process with the answer
  return { thanks: true };
}

// The loader of a page, which puts the id into data-view of the browser script.
export const page = ({ request }) => ({ view: pageView(visitor(request)) });
