#!/bin/sh
# A first install starts nothing: the configuration is a person's. An upgrade restarts what runs; the log outlives it.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart headgate.service
fi
