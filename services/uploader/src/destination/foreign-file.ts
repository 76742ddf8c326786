import { PolyreelError } from "@polyreel/platform";

/** The refusal to write over a file of somebody else: of the batch named, or of nobody known. */
export const foreignFile = (fileName: string, batch = ""): PolyreelError =>
  new PolyreelError("conflict", {
    field: "outputs[0].destination",
    reason: `${fileName} in the folder is not this batch's: ${
      batch ? `batch ${JSON.stringify(batch)} delivered it` : "somebody else put it there, or changed it since"
    }.`,
    remedy:
      "Choose another folder or another naming, or write over it: --overwrite, or `overwrite: true` of the folder.",
  });
