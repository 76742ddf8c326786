import open from "open";

/** Opens a page if there is a browser; otherwise nothing happens, as its address is printed. */
export async function openPage(address: string): Promise<void> {
  try {
    (await open(address)).on("error", () => {});
  } catch {
    // No browser here.
  }
}
