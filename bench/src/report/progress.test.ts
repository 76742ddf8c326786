import { expect, it } from "vitest";
import { showProgress } from "./progress.js";

function shown(isTTY: boolean): string {
  let written = "";
  const write = (text: string | Uint8Array) => {
    written += String(text);
    return true;
  };
  const to = { isTTY, write };
  {
    using progress = showProgress(to);
    progress.print({ title: "joining", number: 1, count: 2 });
    progress.print({ title: "planning", number: 2, count: 2 });
  }
  return written;
}

it("writes plain lines without a terminal", () => expect(shown(false)).toBe("1/2 joining ...\n2/2 planning ...\n"));

it("uses a single line on a terminal, and clears it in the end", () => {
  const written = shown(true);
  expect(written).not.toContain("\n");
  expect(written.split("\r\x1b[2K")).toEqual(["", "1/2 joining ... 0 s", "2/2 planning ... 0 s", ""]);
});
