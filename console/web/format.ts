// Numbers and times as a person reads them: 1,026,480 · 76.2 % · < 0.1 % · €18,790 · 14:32:08 · 24 min · Fri 16:20. Zero is 0,
// unknown is –.

export const unknown = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const count = (n: number | undefined | null): string => (n == null ? unknown : whole.format(n));

export function percent(part: number | undefined | null, of = 1): string {
  if (part == null || !of) return unknown;
  const share = (part / of) * 100;
  if (share === 0 || share === 100) return share + " %";
  if (share > 0 && share < 0.1) return "< 0.1 %";
  return (share >= 99.95 && part < of ? "99.9" : share.toFixed(1)) + " %";
}

/** change compares with an earlier time, in whole percent; "" where nothing can be said. */
export function change(now: number, before: number | undefined): string {
  if (before === undefined || before < 20) return "";
  const by = Math.round(((now - before) / before) * 100);
  return by === 0 ? "same" : (by > 0 ? "+" : "−") + whole.format(Math.abs(by)) + " %";
}

export function money(value: number | undefined | null, currency = ""): string {
  if (value == null) return unknown;
  if (!/^[A-Z]{3}$/.test(currency)) return tenth.format(value);
  const digits = Math.abs(value) >= 1000 ? 0 : 2;
  return new Intl.NumberFormat("en", { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** span is a duration in seconds. */
export function span(seconds: number | undefined | null): string {
  if (seconds == null) return unknown;
  if (seconds === 0) return "0 s";
  if (seconds < 0.001) return "< 1 ms";
  if (seconds < 1) return Math.round(seconds * 1000) + " ms";
  if (seconds < 10) return tenth.format(seconds) + " s";
  if (seconds < 120) return Math.round(seconds) + " s";
  if (seconds < 7200) return Math.round(seconds / 60) + " min";
  if (seconds < 172800) return Math.round(seconds / 3600) + " h";
  return Math.round(seconds / 86400) + " days";
}

export function bytes(n: number | undefined | null): string {
  if (n == null) return unknown;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (n >= 1024 && at < units.length - 1) [n, at] = [n / 1024, at + 1];
  return (at === 0 || n >= 100 ? whole : tenth).format(n) + " " + units[at];
}

const two = (n: number) => String(n).padStart(2, "0");
const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();

/** clock is a time of today, else the day with it: 14:32:08 · Fri 16:20 · 12 Nov 16:20. */
export function clock(time: string | number | Date | undefined | null, now = new Date()): string {
  if (time == null || time === "") return unknown;
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return unknown;
  if (sameDay(at, now)) return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const day = Math.abs(now.getTime() - at.getTime()) < 6 * 86400e3 ? at.toLocaleDateString("en", { weekday: "short" }) : date(at, now);
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const minute = (time: string | number | Date): string => {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
};

export function date(time: string | number | Date, now = new Date()): string {
  const at = new Date(time);
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: at.getFullYear() === now.getFullYear() ? undefined : "numeric" });
}

/** moment is a time to the millisecond, with its day: for one event. */
export function moment(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return unknown;
  const day = at.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "short" });
  return `${day}, ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** ago is how long something has lasted. */
export const ago = (time: string, now = Date.now()): string => span(Math.max(0, (now - new Date(time).getTime()) / 1000));

/** plural is a number with its noun. */
export const plural = (n: number, one: string, many = one + "s"): string => `${count(n)} ${n === 1 ? one : many}`;

/** words joins as a sentence does: a, b and c. */
export const words = (list: string[]): string => (list.length < 2 ? list.join("") : list.slice(0, -1).join(", ") + " and " + list[list.length - 1]);

/** text is a value of an event, on one line. */
export function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
