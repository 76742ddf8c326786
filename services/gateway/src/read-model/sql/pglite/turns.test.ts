import { expect, it } from "vitest";
import { Turns } from "./turns.js";

it("serves urgent requests first, without starving the others", async () => {
  const turns = new Turns();
  const end = await turns.take({ urgent: false });
  const went: string[] = [];
  const go = async (name: string, urgent: boolean) => {
    const done = await turns.take({ urgent });
    went.push(name);
    done();
    done(); // Ends only its own turn.
  };
  const all = [go("w1", false), go("w2", false), ...Array.from({ length: 10 }, (_, i) => go(`r${i}`, true))];
  expect(went).toEqual([]);
  end();
  await Promise.all(all);
  expect(went).toEqual(["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "w1", "r8", "r9", "w2"]);
  await go("later", false);
  expect(went.at(-1)).toBe("later");
});
