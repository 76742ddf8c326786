import { create } from "@bufbuild/protobuf";
import {
  CombinationDeliveredSchema,
  CombinationFailedSchema,
  CombinationSchema,
  FailureCode,
  OutputSchema,
} from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { checkColumns } from "../checks/check-naming.js";
import { batchOf, block } from "../selection/testing/small-batches.js";
import { jsonLine } from "./lines.js";
import { manifestColumns, type SheetRow } from "./manifest-columns.js";
import { cancelledRow, deliveredRow, failedRow, type ManifestRow } from "./manifest-row.js";
import { spreadsheetHeader, spreadsheetLine } from "./spreadsheet-lines.js";
import { withPosters } from "./with-posters.js";

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

describe("manifest.csv", () => {
  const columns = manifestColumns(["hook", "headline"]);
  const line = (row: SheetRow, its = columns) => spreadsheetLine(row, its);

  it("has a field for each column in every state", () => {
    expect(spreadsheetHeader(columns)).toBe(
      "\uFEFFhook,headline,file,poster,seconds,loudness,status,reason,changed,output,id\r\n",
    );
    expect(line(delivered)).toBe(
      'friday,"Half ""price"", today\n-10%",friday.mp4,,13,silent,delivered,,,video,abc\r\n',
    );
    expect(line({ ...delivered, certificate: { loudnessLufs: -15.96 }, poster: "friday.jpg" })).toMatch(
      /,friday\.mp4,friday\.jpg,13,-16,delivered,/,
    );
    const warnings = [
      { code: "sound_cut", block: "whoosh", choice: "a", reason: "It was cut." },
      { reason: "The music is silent." },
    ];
    expect(line({ ...delivered, warnings })).toMatch(/,whoosh\/a: It was cut\. The music is silent\.,video,abc\r\n$/);
    expect(line(virtual)).toBe("friday,Free,/outputs/b1/vir/friday.mp4,,,,delivered,,,video,vir\r\n");
    expect(line(failed)).toBe("gone,'=1+1,,,,,failed,hook/gone: The file is missing. Put it there.,,video,def\r\n");
    expect(line({ ...cancelled, status: "rejected", rejectionReason: "Too loud." })).toBe(
      "x,,,,,,rejected,Too loud.,,video,ghi\r\n",
    );
  });

  it.each([
    ["plain", "plain"],
    ["a,b", '"a,b"'],
    ['"', '""""'],
    ["a\rb", '"a\rb"'],
    [" spaced ", " spaced "],
    ["żółć 👋", "żółć 👋"],
    ["-10 %", "'-10 %"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+1", "'+1"],
    ["\t=1", "'\t=1"],
    ["\uFF1D1", "'\uFF1D1"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ])("quotes %j as needed, and lets no text be a formula", (choice, field) => {
    const row = cancelledRow(create(CombinationSchema, { id: "i", choices: [{ block: "b", choice }] }), "video");
    expect(line(row, manifestColumns(["b"])).slice(0, -",,,,,cancelled,,,video,i\r\n".length)).toBe(field);
  });

  const batch = batchOf(
    [block("hook", [{ label: "friday", metadata: { offer: "=half" } }, "gone"]), block("headline", ["Free"])],
    {
      name: "sale",
      columns: {
        "Ad name": "{batch}: {hook} {headline}",
        url: "https://a.example/?c={hook.offer}&f={file}",
        n: "{hook.offer}{canvas}",
      },
    },
  );

  it("has the batch's own columns, also of failures", () => {
    const own = manifestColumns(["hook", "headline"], ["hook.offer"], { batch, links: true });
    expect(spreadsheetHeader(own)).toMatch(/^\uFEFFhook,headline,hook\.offer,Ad name,url,n,file,.*,id,link\r\n$/);
    expect(line({ ...virtual, metadata: { "hook.offer": "=half" } }, own)).toMatch(
      /^friday,Free,'=half,sale: friday Free,https:\/\/a\.example\/\?c==half&f=\/outputs\/b1\/vir\/friday\.mp4,'=half1080x1920,/,
    );
    expect(line(failed, own)).toMatch(/^gone,'=1\+1,,sale: gone =1\+1,https:\/\/a\.example\/\?c=&f=,1080x1920,/);
  });

  it("has the poster of a combination in its other rows", async () => {
    const withPoster = {
      ...batch,
      outputs: [create(OutputSchema, { name: "poster", operation: { case: "thumbnail", value: {} } })],
    };
    async function* rows() {
      yield* [virtual, delivered, poster, cancelled];
    }
    const posters: (string | undefined)[] = [];
    for await (const row of withPosters(rows(), withPoster)) posters.push(row.poster);
    expect(posters).toEqual([undefined, "friday.jpg", "friday.jpg", undefined]);
  });

  it("refuses columns of its own names and unknown placeholders", () => {
    const columns = { file: "{hook}", hook: "x", utm: "{hook.ofer} {day}" };
    expect(checkColumns({ ...batch, columns }).map(({ reason, remedy }) => [reason, remedy.split("?")[0]])).toEqual([
      ['The manifest has a column "file" already.', "Choose another name."],
      ['The manifest has a column "hook" already.', "Choose another name."],
      [
        'The column "utm" has "{hook.ofer}", and there is no metadata of block "hook" of that name.',
        "Did you mean {hook.offer}",
      ],
      expect.anything(),
    ]);
  });
});
