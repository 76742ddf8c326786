import { createLog } from "@polyreel/platform/runtime";
import { expect, it } from "vitest";
import { warnOfPlaintext } from "./warn-of-plaintext.js";

const EXPOSED = {
  ...{ host: "0.0.0.0", auth: "required", tls: undefined, trustedProxies: [] as string[] },
  links: { publicUrl: undefined as string | undefined },
};

it.each<[Partial<typeof EXPOSED> | { tls: object }, boolean]>([
  [{}, true],
  [{ links: { publicUrl: "http://studio.example" } }, true],
  [{ links: { publicUrl: "https://studio.example" } }, false],
  [{ trustedProxies: ["10.0.0.7"] }, false],
  [{ tls: {} }, false],
  [{ host: "127.0.0.1" }, false],
  [{ auth: "none" }, false],
])("with %j warns of keys in plaintext: %s", (change, warns) => {
  const lines: string[] = [];
  warnOfPlaintext({ ...EXPOSED, ...change }, createLog("test", "warn", { write: (line) => void lines.push(line) }));
  expect(lines.length > 0).toBe(warns);
});
