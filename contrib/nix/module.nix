# A package of the checkout that this file is in, after "npm ci && npm run build", and the service. It has been parsed by Nix;
# nobody has run it on NixOS yet. Not as a flake, which leaves out what git ignores.
#     imports = [ /srv/automx2/contrib/nix/module.nix ];
#     services.automx2 = { enable = true; settings = { settings_file = "/etc/automx2/settings.json"; proxy_count = 1; }; };
{ config, lib, pkgs, ... }:

let
  cfg = config.services.automx2;
  manifest = lib.importJSON ../../package.json;
  node = "${cfg.nodejs}/bin/node";
  word = value: if lib.isBool value then (if value then "yes" else "no") else toString value;
  mkKeyValue = name: value: "${name} = ${word value}";
  package = pkgs.stdenv.mkDerivation {
    pname = "automx2";
    inherit (manifest) version;
    src = ../..;
    nativeBuildInputs = [ cfg.nodejs pkgs.autoPatchelfHook ];
    # What better-sqlite3's native module is linked with.
    buildInputs = [ pkgs.stdenv.cc.cc.lib ];
    installFlags = [ "PREFIX=$(out)" "SYSCONFDIR=$(out)/etc" "NODE=${node}" ];
    meta = { inherit (manifest) description; license = lib.licenses.gpl3Plus; mainProgram = "automx2"; };
  };
in
{
  options.services.automx2 = {
    enable = lib.mkEnableOption "automx2, which lets mail clients configure themselves";
    nodejs = lib.mkOption {
      type = lib.types.package;
      default = pkgs.nodejs;
      defaultText = lib.literalExpression "pkgs.nodejs";
      description = "The Node.js that runs it.";
    };
    settings = lib.mkOption {
      type = lib.types.attrsOf (lib.types.oneOf [ lib.types.bool lib.types.int lib.types.str ]);
      default = { };
      description = "The options of automx2.conf(5). Everyone can read them: passwords belong into files, such as db_password_file.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [{
      assertion = lib.versionAtLeast cfg.nodejs.version (lib.removePrefix ">=" manifest.engines.node);
      message = "automx2 needs Node.js ${manifest.engines.node}";
    }];
    environment.systemPackages = [ package ];
    environment.etc."automx2/automx2.conf".text = lib.generators.toINI { inherit mkKeyValue; } { automx2 = cfg.settings; };
    users.users.automx2 = { isSystemUser = true; group = "automx2"; };
    users.groups.automx2 = { };
    # contrib/systemd/automx2.service, except for what names folders that NixOS does not have.
    systemd.packages = [ package ];
    # The folder for data, for commands that run before the daemon.
    systemd.tmpfiles.packages = [ package ];
    systemd.services.automx2 = {
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [ config.environment.etc."automx2/automx2.conf".source ];
      # Where it finds systemd-notify.
      path = [ pkgs.systemd ];
      serviceConfig = {
        RootDirectory = "";
        BindReadOnlyPaths = "";
        NoExecPaths = [ "" "/" ];
        ExecPaths = [ "" "/nix/store" ];
        ReadOnlyPaths = "";
        ExecReload = [
          ""
          "${node} --disable-sigusr1 ${package}/bin/automx2 --check"
          "${pkgs.coreutils}/bin/kill -HUP $MAINPID"
        ];
      };
    };
  };
}
