import open from "open";

/** Opens the consent page if there is a browser; otherwise nothing happens, as its address is printed. */
export async function openConsentPage(address: string): Promise<void> {
  try {
    (await open(address)).on("error", () => {});
  } catch {
    // No browser here.
  }
}
