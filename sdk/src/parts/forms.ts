// Forms: when the visitor begins one, which field was left last, and whether it was given up. What is written is never read.

let form: HTMLFormElement | null = null; // that was begun and not sent
let field = '';
let asked = ''; // the field that was reported last

const attribute = (e: Element, name: string) => e.getAttribute(name) || undefined;
const said = () => ({ form_id: attribute(form!, 'id'), form_name: attribute(form!, 'name') });
const label = (e: Element) => attribute(e, 'name') || attribute(e, 'id') || e.tagName.toLowerCase();

function giveUp(): void {
  if (form) window.headgate.track('form_abandon', { ...said(), field_name: field });
  form = null;
}

addEventListener(
  'focusin',
  ({ target }) => {
    const into = (target as HTMLInputElement).form;
    if (!into || into.nodeName != 'FORM') return;
    if (into != form) {
      giveUp();
      form = into;
      asked = '';
      window.headgate.track('form_start', said());
    }
    field = label(target as Element);
  },
  true,
);
addEventListener(
  'change',
  ({ target }) => {
    if (!form || (target as HTMLInputElement).form != form || asked == label(target as Element)) return;
    asked = label(target as Element);
    window.headgate.track('form_field', { ...said(), field_name: asked });
  },
  true,
);
addEventListener('submit', () => (form = null), true);
document.addEventListener('visibilitychange', () => document.hidden && giveUp());

export {};
