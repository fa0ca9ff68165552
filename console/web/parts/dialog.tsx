// A dialog: Escape closes it, focus returns to where it was.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current!.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={dialog} aria-label={title} onClose={close} onClick={(click) => click.target === dialog.current && dialog.current?.close()}>
      <div class="dh">
        <h2 class="grow">{title}</h2>
        <button class="btn ghost" aria-label="Close" onClick={() => dialog.current!.close()}>
          <Icon name="close" />
        </button>
      </div>
      <div class="db">{children}</div>
    </dialog>
  );
}

/** Ask is a dialog that says what will happen and asks why before it does. */
export function Ask(props: {
  title: string;
  verb: string;
  danger?: boolean;
  reason?: string; // the label of the question why; "" asks nothing
  error?: string;
  busy?: boolean;
  act: (why: string) => void;
  close: () => void;
  children?: ComponentChildren;
}) {
  const why = useRef<HTMLInputElement>(null);
  return (
    <Dialog title={props.title} close={props.close}>
      <form
        onSubmit={(submit) => {
          submit.preventDefault();
          props.act(why.current?.value.trim() ?? "");
        }}
      >
        {props.children}
        {props.reason && (
          <label class="field">
            <span>{props.reason}</span>
            <input class="input" ref={why} required maxLength={200} autocomplete="off" />
            <span class="hint">It stands in the audit, beside your name.</span>
          </label>
        )}
        {props.error && (
          <div class="callout" role="alert">
            <p>{props.error}</p>
          </div>
        )}
        <p class="actions">
          <button class={`btn ${props.danger ? "danger" : "primary"}`} disabled={props.busy}>
            {props.verb}
          </button>
          <button class="btn" type="button" onClick={props.close}>
            Cancel
          </button>
        </p>
      </form>
    </Dialog>
  );
}
