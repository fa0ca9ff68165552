// What the script's tag says, or the program that bundles it.
import type { Settings } from '../types';

export const settings = {} as Settings;

/** The purposes that must be decided before an event is sent: none where no consent tool is named, since the server decides anyway. */
export let needs: string[] = [];

export function configure(given: Settings): void {
  Object.assign(settings, given);
  needs = given.consent ? (given.hold || 'analytics').split(' ') : [];
}
