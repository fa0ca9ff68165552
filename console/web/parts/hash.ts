// Addresses of people leave the browser only as hashes.

/** hashed is a search with every e-mail address and phone number in it hashed. */
export async function hashed(q: string): Promise<string> {
  const parts = q.match(/[^\s"]*"[^"]*"|\S+/g) ?? [];
  return (await Promise.all(parts.map(hashPart))).join(" ");
}

async function hashPart(part: string): Promise<string> {
  const [, key = "", value = ""] = /^(?:([a-z]+):)?(.*)$/.exec(part) ?? [];
  const plain = value.replaceAll('"', "");
  if ((key === "email" || key === "") && plain.includes("@")) return "email:" + (await sha256(plain.trim().toLowerCase()));
  if ((key === "phone" && !isHash(plain)) || (key === "" && /^\+[\d ().-]{7,}$/.test(plain))) return "phone:" + (await sha256("+" + plain.replace(/\D/g, "")));
  return part;
}

const isHash = (text: string) => /^[0-9a-f]{64}$/.test(text);

async function sha256(text: string): Promise<string> {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export interface Who {
  kind: string; // client_id, user_id, email, phone; "" is recognised by Headgate
  id: string; // of an e-mail address or a phone number: its hash
}

/** whoIs reads what a person typed: an address or number is hashed here and does not leave the browser. */
export async function whoIs(words: string, kind: string): Promise<Who> {
  const id = words.trim();
  if (isHash(id.toLowerCase()) || (kind && kind !== "email" && kind !== "phone")) return { kind, id };
  const part = await hashPart(kind === "phone" ? `phone:${id.replaceAll(/[^\d+]/g, "")}` : id);
  const [, found, hash] = /^(email|phone):([0-9a-f]{64})$/.exec(part) ?? [];
  return found && hash ? { kind: found, id: hash } : { kind, id };
}
