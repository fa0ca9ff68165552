// The draft of the configuration, as the other screens use it: what the editor has changed and not saved, by file. It lives as
// long as the tab.

const key = "draft";

export interface Draft {
  version: string; // the ETag of what was edited
  files: Record<string, string>; // only changed ones
}

export function readDraft(): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null") as Draft | null;
  } catch {
    return null; // it is gone with what wrote it
  }
}

export function keepDraft(draft: Draft | null) {
  if (draft && Object.keys(draft.files).length > 0) sessionStorage.setItem(key, JSON.stringify(draft));
  else sessionStorage.removeItem(key);
}
