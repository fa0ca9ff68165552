// Parts that a page wants beside the core are loaded once it is there, from where the script itself came.

export function loadParts(tag: HTMLScriptElement, names: string): void {
  if (/[?&]headgate=debug/.test(location.search)) names += ' overlay';
  for (const name of names.split(' ').filter(Boolean)) {
    const part = document.createElement('script');
    part.src = tag.src.replace(/\.js\b.*/, '.js') + '/' + name + '.js';
    part.nonce = tag.nonce; // a strict policy lets in what the page's own script brings
    document.head.append(part);
  }
}
