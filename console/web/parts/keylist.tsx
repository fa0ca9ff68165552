// The list of keys.

import { useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { keysAreOff, turnKeys } from "./keys";

const list: [string, string[]][] = [
  ["Search anything", ["/"]],
  ["This list", ["?"]],
  ["Next, previous row", ["j", "k"]],
  ["Open the row", ["Enter"]],
  ["Explain the event under the draft", ["e"]],
  ["Send the event again", ["r"]],
  ["Copy as curl", ["c"]],
  ["Pause or resume live", ["Space"]],
  ["Shorter, longer time", ["[", "]"]],
  ["Count or percent", ["%"]],
  ["Save the draft", ["Ctrl", "S"]],
  ["Take the cure", ["Ctrl", "."]],
  ["Between tabs", ["←", "→"]],
  ["Go to overview", ["g", "o"]],
  ["Go to live", ["g", "l"]],
  ["Go to configuration", ["g", "c"]],
  ["Go to alerts", ["g", "a"]],
  ["Go to insight", ["g", "i"]],
  ["Close", ["Esc"]],
];

export function KeyList({ close }: { close: () => void }) {
  const [on, set] = useState(!keysAreOff());
  return (
    <Dialog title="Keys" close={close}>
      <ul class="keys">
        {list.map(([what, keys]) => (
          <li key={what}>
            <span>{what}</span>
            <span>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</span>
          </li>
        ))}
      </ul>
      <p class="actions">
        <label><input type="checkbox" checked={on} onChange={() => (turnKeys(!on), set(!on))} /> Single keys do something</label>
      </p>
    </Dialog>
  );
}
