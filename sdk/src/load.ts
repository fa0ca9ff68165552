// Parts that a page wants beside the core come from where the script itself came.

export function load(tag: HTMLScriptElement, name: string, then?: () => void): void {
  const part = document.createElement('script');
  part.src = tag.src.replace(/\.js(\/\w+\.js)?(\?.*)?$/, '.js/') + name + '.js';
  part.nonce = tag.nonce; // a strict policy lets in what the page's own script brings
  if (then) part.onload = part.onerror = then;
  document.head.append(part);
}
