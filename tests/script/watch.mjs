// What runs in every page before its own scripts: each cookie that a script writes is reported, and whatever the page's policy forbids.
export const watch = () => {
  const { set, get } = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(document, 'cookie', {
    configurable: true,
    get() { return get.call(document); },
    set(text) {
      if (!text.startsWith('test_')) console.error(`cookie written: ${text}`);
      set.call(document, text);
    },
  });
  addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
};
