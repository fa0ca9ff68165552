// The other side of driver.go: a line of JSON in, a line of JSON out, until standard input ends.
import { createInterface } from 'node:readline';

/** Answers each line with what its verb returns. */
export async function answer(verbs) {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    try {
      console.log(JSON.stringify({ answer: (await verbs[asked.do](asked)) ?? null }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }
  }
}
