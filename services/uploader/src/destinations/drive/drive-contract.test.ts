import { describeDestination } from "../testing/destination-contract.js";
import { openDrive } from "./testing/opened-drive.js";

describeDestination("Google Drive", async () => {
  const { destination, another, server, close } = await openDrive({ folder: "root" });
  const user = server.user();
  return {
    destination,
    another: () => another(),
    read: async (path) => user.read(path),
    plant: async (path, text) => user.plant(path, text),
    erase: async (path) => user.erase(path),
    version: async (path) => user.version(path),
    files: async () => user.files(),
    close,
  };
});
