import { create } from "@bufbuild/protobuf";
import {
  CombinationDeliveredSchema,
  CombinationFailedSchema,
  CombinationSchema,
  FailureCode,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { csvHeader, csvLine, jsonLine } from "./lines.js";
import { manifestColumns } from "./manifest-columns.js";
import { cancelledRow, deliveredRow, failedRow, type ManifestRow } from "./manifest-row.js";

const delivered = deliveredRow(
  create(CombinationDeliveredSchema, {
    combinationId: "abc",
    ordinal: 4n,
    choices: [
      { block: "hook", choice: "friday" },
      { block: "headline", choice: 'Half "price", today\n-10%' },
    ],
    path: "spring/sale/friday.mp4",
    certificate: {
      sizeBytes: 7_400_000n,
      operation: {
        case: "join",
        value: {
          headerSha256: "00ff",
          frames: 390n,
          frameStep: 1000,
          timescale: 30_000,
          videoSeconds: 13,
          audioSeconds: 13.01,
          loudnessLufs: Number.NEGATIVE_INFINITY,
          truePeakDbtp: -1.5,
        },
      },
    },
    traceId: "0af7651916cd43dd8448eb211c80319c",
  }),
  "video",
);
const virtual = deliveredRow(
  create(CombinationDeliveredSchema, {
    combinationId: "vir",
    choices: [
      { block: "hook", choice: "friday" },
      { block: "headline", choice: "Free" },
    ],
    urlPath: "/outputs/b1/vir/friday.mp4",
  }),
  "video",
);
const failed = failedRow(
  create(CombinationFailedSchema, {
    combinationId: "def",
    choices: [
      { block: "hook", choice: "gone" },
      { block: "headline", choice: "=1+1" },
    ],
    failure: {
      block: "hook",
      choice: "gone",
      reason: "The file is missing.",
      remedy: "Put it there.",
      code: FailureCode.NOT_FOUND,
    },
  }),
  "video",
);
const poster = deliveredRow(
  create(CombinationDeliveredSchema, {
    ...{ combinationId: "abc", choices: [{ block: "hook", choice: "friday" }], path: "spring/sale/friday.jpg" },
    certificate: {
      sizeBytes: 70_000n,
      operation: { case: "picture", value: { sha256: "ff00", width: 720, height: 1280, frames: 1 } },
    },
  }),
  "poster",
);
const cancelled = cancelledRow(
  create(CombinationSchema, { id: "ghi", choices: [{ block: "hook", choice: "x" }] }),
  "video",
);

describe("jsonLine", () => {
  it.each<[string, ManifestRow, object]>([
    [
      "a delivered combination",
      delivered,
      {
        id: "abc",
        status: "delivered",
        choices: { hook: "friday", headline: 'Half "price", today\n-10%' },
        file: "friday.mp4",
        durationSeconds: 13,
        certificate: {
          sizeBytes: 7_400_000,
          headerSha256: "00ff",
          frames: 390,
          frameStep: 1000,
          timescale: 30_000,
          videoSeconds: 13,
          audioSeconds: 13.01,
          loudnessLufs: "-Infinity",
          truePeakDbtp: -1.5,
        },
        traceId: "0af7651916cd43dd8448eb211c80319c",
        output: "video",
      },
    ],
    [
      "a picture",
      poster,
      {
        id: "abc",
        status: "delivered",
        choices: { hook: "friday" },
        file: "friday.jpg",
        certificate: { sizeBytes: 70_000, sha256: "ff00", width: 720, height: 1280, frames: 1 },
        output: "poster",
      },
    ],
    [
      "a virtual output, which lies nowhere",
      virtual,
      {
        id: "vir",
        status: "delivered",
        choices: { hook: "friday", headline: "Free" },
        urlPath: "/outputs/b1/vir/friday.mp4",
        output: "video",
      },
    ],
    [
      "a failed combination",
      failed,
      {
        id: "def",
        status: "failed",
        choices: { hook: "gone", headline: "=1+1" },
        failure: {
          code: "not_found",
          worthRetrying: false,
          block: "hook",
          choice: "gone",
          reason: "The file is missing.",
          remedy: "Put it there.",
        },
        output: "video",
      },
    ],
    [
      "a failure that a release without codes wrote",
      failedRow(create(CombinationFailedSchema, { combinationId: "old", failure: { reason: "It broke." } }), "video"),
      {
        id: "old",
        status: "failed",
        choices: {},
        failure: { code: "unspecified", worthRetrying: true, reason: "It broke." },
        output: "video",
      },
    ],
    ["a cancelled combination", cancelled, { id: "ghi", status: "cancelled", choices: { hook: "x" }, output: "video" }],
  ])("%s", (_title, row, expected) => {
    const line = jsonLine(row);
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual(expected);
  });
});

describe("csvLine", () => {
  const columns = manifestColumns(["hook", "headline"]);

  it("has a field for each column in every state", () => {
    expect(csvHeader(columns)).toBe(
      "id,status,choice.hook,choice.headline,file,urlPath,durationSeconds,sizeBytes,headerSha256,frames,frameStep,timescale," +
        "videoSeconds,audioSeconds,loudnessLufs,truePeakDbtp,predictedMinLufs,predictedMaxLufs,traceId," +
        "failure.block,failure.choice,failure.reason,failure.remedy,warnings,failure.code,warnings.code,output,rejectionReason,location\r\n",
    );
    expect(csvLine(delivered, columns)).toBe(
      'abc,delivered,friday,"Half ""price"", today\n-10%",friday.mp4,,13,7400000,00ff,390,1000,30000,13,13.01,' +
        "-Infinity,-1.5,,,0af7651916cd43dd8448eb211c80319c,,,,,,,,video,,\r\n",
    );
    const warnings = [
      { code: "sound_cut", block: "whoosh", choice: "a", reason: "It was cut." },
      { reason: "The music is silent." },
    ];
    expect(csvLine({ ...delivered, warnings }, columns)).toMatch(
      /,whoosh\/a: It was cut\. The music is silent\.,,sound_cut unspecified,video,,\r\n$/,
    );
    expect(csvLine(virtual, columns)).toMatch(/^vir,delivered,friday,Free,,\/outputs\/b1\/vir\/friday\.mp4,,/);
    expect(csvLine(failed, columns)).toBe(
      "def,failed,gone,=1+1,,,,,,,,,,,,,,,,hook,gone,The file is missing.,Put it there.,,not_found,,video,,\r\n",
    );
    expect(csvLine(cancelled, columns)).toBe("ghi,cancelled,x,,,,,,,,,,,,,,,,,,,,,,,,video,,\r\n");
  });

  it.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['"', '""""'],
    ["a\rb", '"a\rb"'],
    [" spaced ", " spaced "],
    ["żółć 👋", "żółć 👋"],
  ])("quotes %j as needed", (choice, field) => {
    const row = cancelledRow(create(CombinationSchema, { id: "i", choices: [{ block: "b", choice }] }), "video");
    expect(csvLine(row, manifestColumns(["b"])).startsWith(`i,cancelled,${field},`)).toBe(true);
  });
});
