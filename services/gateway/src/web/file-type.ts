interface FileType {
  /** With its dot; empty if unknown. */
  readonly extension: string;
  readonly contentType: string;
  /** Pictures, video and sound, which browsers show without running anything in them. */
  readonly isMedia: boolean;
}

const UNKNOWN: FileType = { extension: "", contentType: "application/octet-stream", isMedia: false };

/** The type of a file by its first bytes. Anything but media is just bytes: text might be a page with scripts. */
export async function fileTypeOf(head: Uint8Array): Promise<FileType> {
  const { fileTypeFromBuffer } = await import("file-type"); // Not loaded before the first upload.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (!found || !/^(audio|image|video)\//.test(found.mime) || /xml/.test(found.mime)) return UNKNOWN;
  return { extension: `.${found.ext}`, contentType: found.mime, isMedia: true };
}
