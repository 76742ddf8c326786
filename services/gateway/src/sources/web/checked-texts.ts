import { create } from "@bufbuild/protobuf";
import { SourceDescriptionSchema } from "@polyreel/contract";
import type { RequestCheck } from "../../server/validate.js";
import { checkedMessage } from "./checked-message.js";

/** What people write about a source, complete. */
interface Texts {
  readonly fileName: string;
  readonly title: string;
  readonly description: string;
  readonly labels: readonly string[];
}

const ANY_HASH = "0".repeat(64);
const MAX_FILE_NAME = 255;

/** Texts about a source as the contract allows them. Throws PolyreelError `invalid`. */
export function checkedTexts(check: RequestCheck, texts: Texts): Texts {
  const fileName = shownName(texts.fileName);
  const { title, description, labels } = texts;
  checkedMessage(
    check,
    SourceDescriptionSchema,
    create(SourceDescriptionSchema, { sha256: ANY_HASH, fileName, title, description, labels: [...labels] }),
  );
  return { fileName, title, description, labels };
}

/** A name for people: without folders and control characters, and its end if it is long. */
const shownName = (name: string): string =>
  (name.split(/[/\\]/).at(-1) ?? "").replace(/\p{Cc}|\p{Surrogate}/gu, "").slice(-MAX_FILE_NAME);
