import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BatchSchema } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { dated } from "./dated.js";

const NOW = new Date("2026-06-30T23:59:59.999Z");

describe("dated", () => {
  it.each<[string, MessageInitShape<typeof BatchSchema>, string]>([
    ["names", { naming: "{date}_{hook}" }, "2026-06-30"],
    ["columns", { columns: { day: "on {date}" } }, "2026-06-30"],
    ["exact keys", { outputs: [{ as: "{date}/a.mp4" }] }, "2026-06-30"],
    ["a stated date", { naming: "{date}", date: "2026-01-02" }, "2026-01-02"],
    ["names without a date", { naming: "{hook}" }, ""],
    ["a block of this name", { naming: "{date}", blocks: [{ name: "date" }] }, ""],
  ])("%s", (_, batch, date) => {
    expect(dated(create(BatchSchema, batch), NOW).date).toBe(date);
  });
});
