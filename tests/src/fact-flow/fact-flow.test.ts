import { readFile } from "node:fs/promises";
import { facts, type ServiceName, serviceNames, serviceRights } from "@polyreel/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { type FactFlow, factsLike, readFactFlows } from "./fact-flow.js";

const PAGE = new URL("../../../ARCHITECTURE.md", import.meta.url);
const HEAD = "| service | subscribes to | does | publishes |";
const EVERY = "every service";

let flows: Map<string, FactFlow>;
let rows: Map<string, { subscribes: string[]; publishes: string[] }>;

beforeAll(async () => {
  flows = await readFactFlows();
  rows = rowsOf(await readFile(PAGE, "utf8"));
});

describe("ARCHITECTURE's table of who publishes what", () => {
  it("has a row for each service", () => {
    expect([...rows.keys()].sort()).toEqual([EVERY, ...flows.keys()].sort());
  });

  it("names the facts that each service publishes", () => {
    const published = [...flows].map(([service, flow]) => [service, sorted(flow.publishes)]);
    expect(Object.fromEntries([...rows].map(([service, row]) => [service, row.publishes]))).toEqual({
      [EVERY]: [],
      ...Object.fromEntries(published),
    });
  });

  it("names the facts that each service subscribes to", () => {
    const all = [...flows.values()];
    const byEvery = factsLike("*.*").filter((name) => all.every(({ inherits }) => inherits.has(name)));
    const bySome = ({ inherits }: FactFlow) => [...inherits].filter((name) => !byEvery.includes(name));
    const subscribed = [...flows].map(([service, flow]) => [service, sorted([...flow.subscribes, ...bySome(flow)])]);
    expect(Object.fromEntries([...rows].map(([service, row]) => [service, row.subscribes]))).toEqual({
      [EVERY]: sorted(byEvery),
      ...Object.fromEntries(subscribed),
    });
  });

  it("has a publisher and a subscriber for every fact", () => {
    const all = [...flows.values()];
    for (const name of factsLike("*.*")) {
      expect(
        all.some(({ publishes }) => publishes.has(name)),
        `${name} is published`,
      ).toBe(true);
      expect(
        all.some(({ subscribes }) => subscribes.has(name)),
        `${name} is subscribed to`,
      ).toBe(true);
    }
    expect(factsLike("*.*")).toHaveLength(Object.keys(facts).length);
  });
});

describe("the rights of services on NATS", () => {
  it("are to publish the facts that their source publishes, and to read those that it follows", () => {
    expect(sorted(flows.keys())).toEqual(sorted(serviceNames));
    for (const [service, flow] of flows) {
      const { publishes, reads, hears = [] } = serviceRights[service as ServiceName];
      expect(sorted(publishes), service).toEqual(sorted(flow.publishes));
      const readable = new Set([...reads, ...hears].flatMap(factsLike));
      const missing = [...flow.subscribes, ...flow.inherits].filter((name) => !readable.has(name));
      expect(missing, service).toEqual([]);
    }
  });
});

/** The facts named in each row of the table, with `*` expanded. */
function rowsOf(page: string): typeof rows {
  const [, table = ""] = page.split(`${HEAD}\n`);
  const lines = (table.split("\n\n")[0] ?? "").split("\n").slice(1);
  return new Map(
    lines.map((line) => {
      const [, service = "", subscribes = "", , publishes = ""] = line.split("|").map((cell) => cell.trim());
      return [service, { subscribes: factsIn(subscribes), publishes: factsIn(publishes) }];
    }),
  );
}

/** Throws if a cell names an unknown fact. */
const factsIn = (cell: string): string[] => {
  const names = [...cell.matchAll(/`([a-z*]+\.[a-z*]+)`/g)].map(([, name = ""]) => name);
  for (const name of names) expect(factsLike(name), name).not.toEqual([]);
  return sorted(names.flatMap(factsLike));
};

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
