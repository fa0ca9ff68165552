// A choice has been made: what was held for it goes, and what was sent before is corrected at once.
import { learn } from './consent';
import { release, resume, sent } from './queue';
import { reportChoice } from './send';

/** Takes an answer of the page or of a tool; again is for one that only the server can read, and that is another than before. */
export function decide(tool: boolean, said: Record<string, boolean>, passed?: Record<string, string | number>, again = false): void {
  if ((learn(tool, said, passed) || again) && sent) reportChoice();
  release();
  resume();
}
