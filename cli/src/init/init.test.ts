import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Workshop } from "../testing/workshop.js";

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

it("init writes a batch file and the schema it names, and does not overwrite a batch file", async () => {
  await workshop.write("batch.schema.json", "of another version");
  const { exitCode, stdout } = await workshop.run(["init"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "batch.yaml\nbatch.schema.json\n" });
  const [first] = (await readFile(workshop.path("batch.yaml"), "utf8")).split("\n");
  expect(first).toBe("# yaml-language-server: $schema=./batch.schema.json");
  const schema = await readFile(workshop.path("batch.schema.json"), "utf8");
  expect(JSON.parse(schema)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
  expect((await workshop.run(["schema"])).stdout).toBe(schema);

  await workshop.write("batch.schema.json", "of another version");
  expect((await workshop.run(["init"])).exitCode).toBe(2);
  expect(await readFile(workshop.path("batch.schema.json"), "utf8")).toBe("of another version");
  expect((await workshop.run(["init", "sale/may.yaml"])).stdout).toBe("sale/may.yaml\nsale/batch.schema.json\n");
});
