#!/bin/sh
# Runs once, when InfluxDB has set itself up: makes one token that may write the
# bucket (phutai) and one that may read it (Grafana), each into a folder that
# only its user sees. InfluxDB 2.9 keeps tokens hashed, so they can be read
# nowhere else afterwards. Lost files are made anew by running this again:
#   docker compose exec influxdb sh /docker-entrypoint-initdb.d/tokens.sh
set -eu

operator=$(cat /run/secrets/influxdb_admin_token)
bucket=$(influx bucket list --org phutai --name phutai --hide-headers --token "$operator" | cut -f 1)

# token USER FLAG makes a token and writes it in one step, so that nobody reads half of it.
token() {
	influx auth create --org phutai --description "$1" "$2" "$bucket" --json --token "$operator" |
		sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' >"/tokens/$1/token.new"
	test -s "/tokens/$1/token.new"
	mv "/tokens/$1/token.new" "/tokens/$1/token"
}

token phutai --write-bucket
token grafana --read-bucket
