// Package influx copies the journal into InfluxDB 2, or into another database
// that speaks its write API and replaces what stands under the same key.
//
// It owns the client library and uses its blocking writes only, which try once
// and give the answer back; package lineproto does the rest.
package influx
