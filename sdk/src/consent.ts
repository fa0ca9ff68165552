// What the visitor has chosen, as far as this page knows. Strings of consent tools are passed on as they are: the server reads them.

const choice: Record<string, boolean> = {};
const strings: Record<string, string | number> = {};
let all = false; // a tool has answered, and with that every purpose is decided

if ((navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) strings.gpc = 1;

/** Reports whether each of the purposes is decided, by a yes or a no. */
export const known = (purposes: string[]): boolean => all || purposes.every((p) => p in choice);

/** What a request states: the choice under one name, and the strings of tools beside it. */
export const statement = (name: string) => ({ ...strings, [name]: choice });

/** Takes an answer and reports whether it says anything new. A tool's answer decides every purpose. */
export function learn(tool: boolean, said: Record<string, boolean>, passed: Record<string, string | number> = {}): boolean {
  const before = JSON.stringify([choice, strings, all]);
  Object.assign(choice, said);
  Object.assign(strings, passed);
  all = all || tool;
  return before !== JSON.stringify([choice, strings, all]);
}
