// Package mqtt is the wire between collectors and the center: the topics, the
// payloads of version 1, a client for either side, and a broker that runs in
// the same process. It is the one owner of the MQTT client and of the broker.
//
// The broker is treated as a wire that may lose anything. Nothing here promises
// delivery: a collector keeps a reading until the center's watermark covers it,
// and the center acknowledges a message after it has committed it.
//
// It speaks MQTT 3.1.1 (OASIS, 2014), which the embedded broker, Mosquitto 2 and
// EMQX all understand.
package mqtt
