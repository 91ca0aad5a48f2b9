// Package weather gives the air temperature at a time: measured or forecast
// where a series is at hand, and otherwise the monthly mean of the Red River
// delta, marked as not known so that nobody takes it for a measurement.
package weather
