// What the JSON Schema says about a place in a YAML text. Only as much of JSON Schema as ours uses.

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  then?: Schema;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  description?: string;
  type?: string;
  required?: string[];
  default?: unknown;
}

/** Place is a line of YAML: the keys above it, and what is on it. */
export interface Place {
  path: (string | number)[]; // of the mapping that the line is in
  key: string; // before the colon, "" where there is none yet
  value: boolean; // the position is behind the colon
}

const keyOf = (line: string) => /^\s*(?:- )*("[^"]*"|'[^']*'|[^\s#:"'{[][^:#]*?)\s*:(?:\s|$)/.exec(line)?.[1]?.replace(/^["']|["']$/g, "");

/** placeAt finds where a position is, by the indentation of the lines above it. */
export function placeAt(lines: string[], line: number, column: number): Place {
  const text = lines[line] ?? "";
  const before = text.slice(0, column);
  const key = keyOf(text) ?? "";
  const colon = /:(\s|$)/.exec(text)?.index ?? Infinity;
  const path: (string | number)[] = [];
  const own = /^(\s*)((?:- )*)/.exec(text)!;
  let indent = text.trim() === "" ? column : own[1]!.length;
  if (own[2]) path.unshift(0), (indent = own[1]!.length);
  for (let at = line - 1; at >= 0 && indent >= 0; at--) {
    const above = lines[at]!;
    if (above.trim() === "" || above.trim().startsWith("#")) continue;
    const [, space = "", dash = ""] = /^(\s*)((?:- )*)/.exec(above)!;
    const inner = space.length + dash.length;
    const item = dash !== "" && space.length < indent && inner <= indent;
    const name = keyOf(above);
    if (item) {
      if (inner < indent && name !== undefined) path.unshift(name);
      path.unshift(0);
      indent = space.length;
    } else if (name !== undefined && (inner < indent || (inner === indent && path[0] === 0 && dash === ""))) {
      if (inner === indent && path[0] !== 0) continue;
      path.unshift(name);
      indent = inner;
      if (dash) path.unshift(0), (indent = space.length);
    }
    if (indent === 0 && path.length > 0 && path[0] !== 0) break;
  }
  return { path, key, value: before.length > colon };
}

/** at returns all schemas that may hold at a path. */
export function at(root: Schema, path: (string | number)[]): Schema[] {
  let here = spread(root, root);
  for (const part of path) {
    here = here.flatMap((schema) => {
      if (typeof part === "number") return schema.items ? spread(root, schema.items) : [];
      const own = schema.properties?.[part];
      if (own) return spread(root, own);
      return typeof schema.additionalProperties === "object" ? spread(root, schema.additionalProperties) : [];
    });
  }
  return here;
}

/** spread follows references and alternatives. */
function spread(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > 8) return [];
  const out = [schema];
  if (schema.$ref) {
    const target = schema.$ref.replace("#/$defs/", "");
    const def = root.$defs?.[target];
    if (def) out.push(...spread(root, def, depth + 1));
  }
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.then ? [schema.then] : [])]) out.push(...spread(root, part, depth + 1));
  return out;
}

export interface Word {
  word: string;
  says: string;
  example: string;
}

const example = (schema: Schema[]): string => {
  const found = schema.flatMap((s) => s.examples ?? [])[0];
  return found === undefined ? "" : typeof found === "string" ? found : JSON.stringify(found);
};
const says = (schemas: Schema[]): string => schemas.find((s) => s.description)?.description ?? "";

/** keysAt are the keys that may stand at a path. */
export function keysAt(root: Schema, path: (string | number)[]): Word[] {
  const words = new Map<string, Word>();
  for (const schema of at(root, path)) {
    for (const [word, inner] of Object.entries(schema.properties ?? {})) {
      const all = spread(root, inner);
      if (!words.has(word)) words.set(word, { word, says: says(all), example: example(all) });
    }
  }
  return [...words.values()];
}

/** valuesAt are the values that the schema knows for a key. */
export function valuesAt(root: Schema, path: (string | number)[]): Word[] {
  const all = at(root, path);
  const known = all.flatMap((s) => [...(s.enum ?? []), ...(s.const !== undefined ? [s.const] : []), ...(s.type === "boolean" ? [true, false] : [])]);
  return [...new Set(known.map(String))].map((word) => ({ word, says: "", example: "" }));
}

/** about says what stands at a path, with an example. */
export function about(root: Schema, path: (string | number)[]): Word | null {
  const all = at(root, path);
  const text = says(all);
  return text ? { word: String(path[path.length - 1] ?? ""), says: text, example: example(all) } : null;
}
