#!/bin/sh
# Makes the secrets that docker-compose.yml reads: random passwords, and a
# certificate for the broker from an authority of its own. What is there already
# stays as it is. Needs openssl.
#
#   sh configs/compose/secrets.sh [FOLDER]     default: ./secrets
#
# The folder is closed to other users of this machine. The files in it are not,
# because each container reads them as a user of its own; a container sees only
# the files that it is given.
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
umask 022

# secret NAME BYTES
secret() {
	[ -s "$1" ] || openssl rand -hex "$2" >"$1"
}

secret mqtt_password 24
secret influxdb_admin_password 24
secret influxdb_admin_token 32
secret grafana_admin_password 16
secret grafana_secret_key 32
[ -s influxdb_admin_user ] || echo admin >influxdb_admin_user

if [ ! -s mqtt_server.crt ]; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
		-subj "/CN=phutai broker authority" -keyout mqtt_ca.key -out mqtt_ca.crt 2>/dev/null
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc \
		-subj "/CN=mosquitto" -keyout mqtt_server.key -out mqtt_server.csr 2>/dev/null
	printf 'subjectAltName=DNS:mosquitto,DNS:localhost\nextendedKeyUsage=serverAuth\n' >mqtt_server.ext
	openssl x509 -req -in mqtt_server.csr -CA mqtt_ca.crt -CAkey mqtt_ca.key -CAcreateserial -days 3650 \
		-extfile mqtt_server.ext -out mqtt_server.crt 2>/dev/null
	rm -f mqtt_server.csr mqtt_server.ext mqtt_ca.srl
	chmod 600 mqtt_ca.key
	chmod 644 mqtt_server.key
fi

# InfluxDB writes its two tokens here when it starts for the first time, as a
# user of its own.
mkdir -p meters tokens/phutai tokens/grafana
chmod 777 tokens/phutai tokens/grafana
