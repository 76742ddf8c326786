import { SourceOrigin } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import type { FastifyReply, FastifyRequest } from "fastify";
import { tenantFor } from "../../call/call.js";
import { callOf } from "../../web/web-app.js";
import { putSource } from "../put-source.js";
import { recordArrival } from "../source-record.js";
import { answerOf } from "./answer.js";
import { checkedTexts } from "./checked-texts.js";
import { type FormFields, readForm } from "./form.js";
import { queryOf } from "./query.js";
import type { SourceRouteDeps } from "./source-routes.js";

/**
 * `POST /sources`: a form with one file or several. Its fields title, description and label apply to each, wherever in the
 * form they are. 201 if any source is new. If a file fails, the form is refused; those before it are stored, and known
 * when the form is sent again.
 */
export async function postForm(deps: SourceRouteDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { scope, signal } = callOf(request, reply);
  const tenant = tenantFor(scope, queryOf(request).one("tenant"), "tenant");
  const store = scopedStore(deps.store, tenant);
  const origin = SourceOrigin.FORM;
  const { files, fields } = await readForm({ headers: request.headers, body: request.raw, signal }, async (file) => {
    const { fileName } = checkedTexts(deps.check, { ...NO_TEXTS, fileName: file.name });
    const put = await putSource(deps, file.bytes, { tenant, fileName, origin, field: "file", signal: file.signal });
    return { put, fileName };
  });
  if (files.length === 0) throw noFile();
  const texts = checkedTexts(deps.check, { fileName: "", ...textsOf(fields) });
  for (const { put, fileName } of files) {
    await recordArrival(store, put.sha256, { ...texts, fileName, origin }, signal);
  }
  reply.code(files.every(({ put }) => put.known) ? 200 : 201);
  return { sources: files.map(({ put, fileName }) => answerOf(put, fileName)) };
}

const NO_TEXTS = { title: "", description: "", labels: [] };

const textsOf = (fields: FormFields) => ({
  title: fields.get("title")?.at(-1) ?? "",
  description: fields.get("description")?.at(-1) ?? "",
  labels: [...(fields.get("label") ?? []), ...(fields.get("labels") ?? []).flatMap(separated)],
});

/** Several labels in one field, separated by commas. */
const separated = (text: string): string[] => text.split(",").flatMap((label) => label.trim() || []);

const noFile = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "file",
    reason: "The form has no file.",
    remedy: "Send one as in curl -F file=@clip.mp4; without the @, curl sends the text.",
  });
