// The entry of the script that Headgate serves: its tag says what start is to be given.
import { start } from './index';
import { loadParts } from './load';

const tag = document.currentScript as HTMLScriptElement;
const { to, parts, id, hash, manual, ...rest } = tag.dataset;
start({
  ...rest,
  to: new URL(to || '/e', tag.src).href,
  id: id && new URL(id, tag.src).href,
  hash: hash != null,
  manual: manual != null,
});
loadParts(tag, parts || '');
