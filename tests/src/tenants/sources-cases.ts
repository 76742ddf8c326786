import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Code } from "@connectrpc/connect";
import { expect } from "vitest";
import {
  acme,
  denied,
  films,
  foreign,
  globex,
  hidden,
  ofForeign,
  operator,
  pipeline,
  refusal,
  withoutTrace,
} from "./two-tenants.js";

export const sourcesCases: Record<string, () => Promise<void>> = {
  "polyreel.v1.SourceService/GetSource": async () => {
    const get = (clients: typeof acme, sha256: string, tenant = "") => clients.sources.getSource({ sha256, tenant });
    await withoutTrace((sha256) => get(acme, sha256));
    expect((await get(globex, films.globex)).source?.sha256).toBe(films.globex);
    await denied(() => get(acme, films.globex, "globex"));
    expect((await get(operator, films.globex, "globex")).source?.sha256).toBe(films.globex);
  },
  "polyreel.v1.SourceService/ListSources": async () => {
    const hashesOf = async (clients: typeof acme, tenant = "") =>
      (await clients.sources.listSources({ tenant })).sources.map(({ sha256 }) => sha256);
    expect(await hashesOf(globex)).toEqual([films.globex]);
    expect(await hashesOf(operator, "globex")).toEqual([films.globex]);
    await denied(() => hashesOf(acme, "globex"));
  },
  "polyreel.v1.SourceService/UpdateSource": async () => {
    const update = (clients: typeof acme, sha256: string, tenant = "") =>
      clients.sources.updateSource({ sha256, tenant, title: "A film" });
    await withoutTrace((sha256) => update(acme, sha256));
    await denied(() => update(acme, films.globex, "globex"));
    expect((await update(globex, films.globex)).source?.title).toBe("A film");
  },
  "polyreel.v1.SourceService/DeleteSource": async () => {
    const remove = (clients: typeof acme, sha256: string, tenant = "") =>
      clients.sources.deleteSource({ sha256, tenant });
    await withoutTrace((sha256) => remove(acme, sha256));
    await denied(() => remove(acme, films.globex, "globex"));
    expect((await refusal(() => remove(globex, films.globex))).code).toBe(Code.FailedPrecondition); // In use.
  },
  "polyreel.v1.SourceService/PutSource": async () => {
    const bytes = await readFile(`${pipeline.folder}/globex.mp4`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const send = (clients: typeof acme, tenant = "") =>
      clients.sources.putSource(
        (async function* () {
          const description = { sha256, sizeBytes: BigInt(bytes.length), tenant };
          yield { part: { case: "description" as const, value: description } };
          yield { part: { case: "chunk" as const, value: bytes } };
        })(),
      );
    expect((await send(globex)).known).toBe(true);
    expect((await send(acme)).known).toBe(false);
    await denied(() => send(acme, "globex"));
    expect((await send(operator, "globex")).known).toBe(true);
  },
  "polyreel.v1.LinkService/CreateLink": async () => {
    const output = (clients: typeof acme) => (batchId: string) =>
      clients.links.createLink({ target: { case: "output", value: { batchId, ...ofForeign() } } });
    const outputs = (clients: typeof acme) => (batchId: string) =>
      clients.links.createLink({ target: { case: "outputs", value: { batchId } } });
    const { url } = await output(globex)(foreign.batchId);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace("tenant=globex", "tenant=acme"))).status).toBe(403);
    expect((await fetch((await output(operator)(foreign.batchId)).url)).status).toBe(200);
    await hidden(output(acme));
    await hidden(outputs(acme));
    const sha256 = films.globex;
    const source = (clients: typeof acme, tenant = "") =>
      clients.links.createLink({ target: { case: "source", value: { tenant, sha256 } } });
    expect((await source(globex)).url).toContain("tenant=globex");
    expect((await source(operator, "globex")).url).toContain("tenant=globex");
    expect((await refusal(() => source(acme, "default"))).code).toBe(Code.PermissionDenied);
    await denied(() => source(acme, "globex"));
    await denied(() => acme.links.createLink({ target: { case: "upload", value: { tenant: "globex" } } }));
  },
};
