#!/usr/bin/env bash
# Runs every test. Installs what the tests need and is missing, where apt-get exists; otherwise says what to install.
#   bash tests/run.sh             the normal run
#   bash tests/run.sh --nightly   the same with the long suites (large counts)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

nightly=
for argument in "$@"; do
  case "$argument" in
    --nightly) nightly=1 ;;
    *) echo "tests/run.sh: unknown argument '$argument'; the only one is --nightly" >&2; exit 2 ;;
  esac
done

if ! command -v dotnet >/dev/null; then
  echo "tests/run.sh: the .NET 10 SDK is missing: install it and put dotnet on PATH" >&2
  exit 1
fi

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }

# The dashboard is looked at in a real browser; without one those tests are skipped, and say so.
has_browser() { [ -n "${CHROMIUM:-}" ] || compgen -G '/usr/bin/chromium*' >/dev/null || command -v google-chrome >/dev/null; }

can_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

missing=()
has_postgres || missing+=(postgresql)
has_browser || ! can_install || missing+=(chromium)
if ((${#missing[@]})); then
  if can_install; then
    sudo=; [ "$(id -u)" = 0 ] || sudo="sudo -n"
    echo "Installing ${missing[*]}"
    # No cluster is created at installation: the tests start their own in a temporary folder.
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "tests/run.sh: please install: ${missing[*]} (the server's programs only; the tests start their own)" >&2
    exit 1
  fi
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -z "$nightly" ] || export TOKENBUDGET_NIGHTLY=1
[ -d ../shared/data ] || echo "The recorded data (../shared/data) is not here: the tests that need it are skipped and counted apart."

dotnet build TokenBudget.Generators.sln --nologo -v quiet
dotnet test TokenBudget.Generators.sln --no-build --nologo --logger "console;verbosity=minimal"
