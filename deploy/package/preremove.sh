#!/bin/sh
# An upgrade stops nothing here. The data folder stays when the package goes.
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now headgate.service || true
fi
