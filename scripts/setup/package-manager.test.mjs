import { describe, expect, it } from "vitest";
import { commandToType, disableCommands, findManager, installCommands, packagesFor } from "./package-manager.mjs";
import { runtimeRequirements } from "./requirements.mjs";

const names = (requirements) => requirements.map(({ name }) => name);
const has =
  (...programs) =>
  (name) =>
    programs.includes(name);

describe("packagesFor", () => {
  it("names a system's packages", () => {
    expect(packagesFor(runtimeRequirements, "apt-get")).toEqual({
      packages: [
        "ffmpeg",
        "nats-server",
        "espeak-ng",
        "flite",
        "fonts-noto-core",
        "fonts-noto-cjk",
        "fonts-noto-color-emoji",
        "fonts-dejavu-core",
      ],
      unpackaged: [],
    });
  });

  it("reports what a system does not package", () => {
    const { packages, unpackaged } = packagesFor(runtimeRequirements.slice(0, 2), "dnf");
    expect(packages).toEqual(["ffmpeg"]);
    expect(names(unpackaged)).toEqual(["nats-server"]);
  });

  it("has no packages without a package manager", () => {
    const { packages, unpackaged } = packagesFor(runtimeRequirements, undefined);
    expect(packages).toEqual([]);
    expect(unpackaged).toEqual(runtimeRequirements);
  });
});

describe("installCommands", () => {
  const root = { isRoot: true, mayBecomeRoot: false };
  const sudoer = { isRoot: false, mayBecomeRoot: true };
  const user = { isRoot: false, mayBecomeRoot: false };

  const apt = "env DEBIAN_FRONTEND=noninteractive apt-get";

  it.each([
    ["apt-get", root, `${apt} update`, `${apt} install`],
    ["apt-get", sudoer, `sudo -n ${apt} update`, `sudo -n ${apt} install`],
    ["apk", root, undefined, "apk add"],
    ["dnf", sudoer, undefined, "sudo -n dnf install"],
    ["brew", user, undefined, "brew install"],
  ])("%s with %j", (manager, rights, refresh, install) => {
    const commands = installCommands(manager, ["flite", "ffmpeg"], rights);
    expect(commands.refresh?.join(" ").startsWith(refresh)).toBe(refresh && true);
    expect(commands.install.join(" ").startsWith(`${install} `)).toBe(true);
    expect(commands.install.slice(-2)).toEqual(["flite", "ffmpeg"]);
  });

  it("has none for a user who may not install", () => {
    expect(installCommands("apt-get", ["flite"], user)).toBeUndefined();
    expect(commandToType("apt-get", ["flite", "ffmpeg"], false)).toBe("sudo apt-get install flite ffmpeg");
    expect(commandToType("apt-get", ["flite"], true)).toBe("apt-get install flite");
    expect(commandToType("brew", ["flite"], false)).toBe("brew install flite");
  });

  it("stops what a package starts", () => {
    const requirements = [{ name: "Prometheus", unit: "prometheus" }, { name: "flite" }];
    expect(disableCommands(requirements, root)).toEqual([["systemctl", "disable", "--now", "prometheus"]]);
    expect(disableCommands(requirements, sudoer)[0]?.slice(0, 2)).toEqual(["sudo", "-n"]);
  });

  it("finds the available manager", () => {
    expect(findManager(has("brew"))).toBe("brew");
    expect(findManager(has("apt-get", "brew"))).toBe("apt-get");
    expect(findManager(has())).toBeUndefined();
  });
});
