import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBatchFile } from "./read-batch-file.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-list-"));
  for (const path of ["job/clips (1)", "job/photos", "job/empty", "job/many", "other"])
    await mkdir(join(folder, path), { recursive: true });
  const clips = ["b-10.mp4", "b-2.mp4", "A.MP4", ".hidden.mp4", "notes.txt", "song.mp3"].map(
    (name) => `clips (1)/${name}`,
  );
  for (const name of [...clips, "photos/a.jpg", "photos/x.csv", "what?.mp4"])
    await writeFile(join(folder, "job", name), "");
  await writeFile(join(folder, "other/o.mp4"), "");
  await symlink("../../other/o.mp4", join(folder, "job/many/out.mp4"));
  await symlink("../clips (1)/A.MP4", join(folder, "job/many/inside.mp4"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(choice: string, kind = "video") {
  const path = join(folder, "job/batch.yaml");
  await writeFile(
    path,
    kind === "inputs" ? `inputs: [${choice}]` : `blocks: [{name: b, ${kind}: {choices: [${choice}]}}]`,
  );
  return readBatchFile(path);
}
const paths = async (choice: string, kind?: string) => (await read(choice, kind)).sources.map((source) => source.path);
const problem = async (choice: string, kind?: string) => {
  const refused = await read(choice, kind).then(
    () => undefined,
    (error: unknown) => error,
  );
  return (refused as { problems?: object[] } | undefined)?.problems?.[0];
};

describe("choices from files", () => {
  it("are those that match a pattern, in order of their names", async () => {
    expect(await paths('{source: "clips (1)/*.mp4"}')).toEqual(
      ["A.MP4", "b-2.mp4", "b-10.mp4"].map((name) => `clips (1)/${name}`),
    );
    expect(await paths('{source: "clips (1)/b-?.mp4"}')).toEqual(["clips (1)/b-2.mp4"]);
    expect(await paths('{source: "**/*.{jpg,csv}"}')).toEqual(["photos/a.jpg", "photos/x.csv"]);
    expect(await paths('{source: "../other/*"}')).toEqual(["../other/o.mp4"]);
  });

  it("are a folder's of the block's kind", async () => {
    expect(await paths('{source: "clips (1)"}, {image: photos/, duration: 2s}')).toEqual([
      ...["clips (1)/A.MP4", "clips (1)/b-2.mp4", "clips (1)/b-10.mp4", "photos/a.jpg"],
    ]);
    expect(await paths('{source: "clips (1)"}', "audio")).toEqual(["clips (1)/song.mp3"]);
    expect(await paths('{source: "clips (1)"}, {source: photos}', "inputs")).toHaveLength(5);
  });

  it("keep the settings of their entry, and are located there", async () => {
    const { batch, locate } = await read('{source: "what?.mp4"}, {source: "clips (1)", trim: {duration: 1s}}');
    expect(batch.blocks[0]?.kind.value?.choices).toMatchObject([
      {},
      ...Array(3).fill({ trim: { duration: { seconds: 1n } } }),
    ]);
    expect(locate({ block: "b", choice: "b-10" })).toMatchObject({ line: 1, column: 61 });
  });

  it("are one file if its name has such characters", async () => {
    expect(await paths('{source: "what?.mp4"}')).toEqual(["what?.mp4"]);
    expect(await paths('{source: "https://example.org/*.mp4"}')).toEqual([]);
    expect(await paths('{source: "[gone] a.mp4"}')).toEqual(["[gone] a.mp4"]);
  });

  it.each([
    ['{source: "clips (1)/*.mov"}', 'No file matches "clips (1)/*.mov".'],
    ["{source: nowhere/*.mp4}", 'No file matches "nowhere/*.mp4".'],
    ["{source: empty}", 'The folder "empty" has no video file.'],
    ['{source: "clips (1)", label: x}', '"clips (1)" gives 3 choices, which can\'t have one label.'],
    ["{source: many}", '"out.mp4" is a link to a file in another folder.'],
  ])("refuse %s", async (choice, what) => {
    expect(await problem(choice)).toMatchObject({ what, remedy: expect.any(String), where: { line: 1, block: "b" } });
  });

  it("follow links within the folder", async () => {
    expect(await paths('{source: "many/in*"}')).toEqual(["many/inside.mp4"]);
  });

  it("are at most as many as a block can have", async () => {
    await mkdir(join(folder, "job/lots"));
    for (let i = 0; i <= 10_000; i++) await writeFile(join(folder, `job/lots/${i}.mp4`), "");
    expect(await problem("{source: lots}")).toMatchObject({
      what: '"lots" gives 10,001 files; at most 10,000 are allowed.',
    });
  });
});
