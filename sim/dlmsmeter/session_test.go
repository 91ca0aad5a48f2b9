package dlmsmeter_test

import (
	"context"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"phutai/grid"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/wrapper"
	"phutai/sim/dlmsmeter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 6, 15, 5, 0, 0, 0, time.UTC)

// flat is a load that never changes.
type flat struct{}

func (flat) Instant(time.Time) grid.Values {
	var v grid.Values
	v.Set(grid.Ua, 230.126)
	v.Set(grid.P, -1.23456)
	v.Set(grid.Pf, -0.5)
	v.Set(grid.EaImp, 429_500) // past 32 bits of 0.1 Wh
	return v
}

func (f flat) Rows(from, to time.Time) []grid.Sample {
	var rows []grid.Sample
	for end := from.Truncate(dlmsmeter.DefaultPeriod).Add(dlmsmeter.DefaultPeriod); !end.After(to); end = end.Add(dlmsmeter.DefaultPeriod) {
		rows = append(rows, grid.Sample{End: end, Values: f.Instant(end)})
	}
	return rows
}

// client is a connection that speaks in messages.
type client struct {
	t      *testing.T
	conn   net.Conn
	frames *wrapper.Reader
}

func serve(t *testing.T, cfg dlmsmeter.Config) (dial func() *client) {
	t.Helper()
	cfg.Now = func() time.Time { return noon }
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- dlmsmeter.Serve(ctx, ln, cfg, flat{}) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return func() *client {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		return &client{t, conn, wrapper.NewReader(conn, 0)}
	}
}

func (c *client) send(message []byte) apdu.APDU {
	c.t.Helper()
	frame, err := wrapper.End(append(wrapper.Begin(nil, 16, 1), message...))
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.conn.Write(frame); err != nil {
		c.t.Fatal(err)
	}
	f, err := c.frames.Next()
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := apdu.Decode(f.Payload)
	if err != nil {
		c.t.Fatalf("%X: %v", f.Payload, err)
	}
	return answer
}

func (c *client) ask(m apdu.APDU) apdu.APDU { return c.send(m.AppendTo(nil)) }

func (c *client) associate(mechanism apdu.Mechanism, password string) *apdu.AARE {
	c.t.Helper()
	answer, ok := c.ask(&apdu.AARQ{Context: apdu.LogicalName, Mechanism: mechanism, Password: []byte(password),
		Initiate: &apdu.InitiateRequest{Conformance: 0xFFFFFF, MaxPDU: 0xFFFF}}).(*apdu.AARE)
	if !ok {
		c.t.Fatal("no AARE")
	}
	return answer
}

func (c *client) get(class uint16, code [6]byte, id int8, access *apdu.Access) apdu.Answer {
	c.t.Helper()
	answer, ok := c.ask(&apdu.GetRequest{Invoke: 0xC1, Item: apdu.Item{Attribute: apdu.Attribute{Class: class, Code: code, ID: id}, Access: access}}).(*apdu.GetResponse)
	if !ok {
		c.t.Fatal("no GET response")
	}
	return answer.Answer
}

func TestOnlyReadingIsGranted(t *testing.T) {
	granted, err := serve(t, dlmsmeter.Config{})().associate(apdu.NoSecurity, "").Outcome()
	if err != nil || granted.Conformance != apdu.Reading || granted.MaxPDU != dlmsmeter.DefaultMaxPDU {
		t.Errorf("granted %+v, %v", granted, err)
	}
}

func TestAssociationIsRefusedWithTheReason(t *testing.T) {
	dial := serve(t, dlmsmeter.Config{Password: "right"})
	for name, c := range map[string]struct {
		mechanism apdu.Mechanism
		password  string
		want      uint8
	}{
		"no password":     {apdu.NoSecurity, "", apdu.MechanismRequired},
		"wrong password":  {apdu.LowSecurity, "wrong", apdu.AuthenticationFailure},
		"other mechanism": {5, "right", apdu.MechanismNotRecognised},
	} {
		if got := dial().associate(c.mechanism, c.password); got.Result != apdu.RejectedPermanent || got.Diagnostic.Code != c.want {
			t.Errorf("%s: result %d, %v; want %d", name, got.Result, got.Diagnostic, c.want)
		}
	}
	if _, err := dial().associate(apdu.LowSecurity, "right").Outcome(); err != nil {
		t.Errorf("right password: %v", err)
	}
}

func TestOneAssociationAtATime(t *testing.T) {
	dial := serve(t, dlmsmeter.Config{})
	first, second := dial(), dial()
	if _, err := first.associate(apdu.NoSecurity, "").Outcome(); err != nil {
		t.Fatal(err)
	}
	if got := second.associate(apdu.NoSecurity, ""); got.Result != apdu.RejectedTransient {
		t.Errorf("a second client got result %d", got.Result)
	}
	if _, ok := first.ask(apdu.RLRQ{}).(apdu.RLRE); !ok {
		t.Error("no answer to a release")
	}
	if _, err := second.associate(apdu.NoSecurity, "").Outcome(); err != nil {
		t.Errorf("after the release: %v", err)
	}
	_ = second.conn.Close()
	if _, err := first.associate(apdu.NoSecurity, "").Outcome(); err != nil {
		t.Errorf("after the other connection closed: %v", err)
	}
}

func TestNonsenseGetsAProperException(t *testing.T) {
	c := serve(t, dlmsmeter.Config{})()
	clock := &apdu.GetRequest{Invoke: 0xC1, Item: apdu.Item{Attribute: apdu.Attribute{Class: 8, Code: cosem.ClockCode, ID: 2}}}
	if e, ok := c.ask(clock).(*apdu.Exception); !ok || e.State != apdu.ServiceNotAllowed {
		t.Errorf("GET without association: %+v", e)
	}
	if _, err := c.associate(apdu.NoSecurity, "").Outcome(); err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string]string{
		"SET":         "C101C100080000010000FF0200090C07EA0B170103262C26000000",
		"ACTION":      "C301C1000F0000280000FF010100",
		"broken GET":  "C001C10008",
		"kind of GET": "C009C100080000010000FF0200",
		"ciphered":    "C81E3001234567",
	} {
		m, err := hex.DecodeString(message)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := c.send(m).(*apdu.Exception); !ok || e.State != apdu.ServiceUnknown {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if got := c.get(8, cosem.ClockCode, 2, nil); got.Result != apdu.Success {
		t.Errorf("the association did not survive: %v", got.Result)
	}
}

func TestAttributesThatAreNotThereAreRefusedOneByOne(t *testing.T) {
	c := serve(t, dlmsmeter.Config{Serial: "7", CTNum: 600})()
	c.associate(apdu.NoSecurity, "")
	ua := [6]byte{1, 0, 32, 7, 0, 255}
	for name, x := range map[string]struct {
		class  uint16
		code   [6]byte
		id     int8
		access *apdu.Access
		want   apdu.AccessResult
	}{
		"name":             {3, ua, 1, nil, apdu.Success},
		"value":            {3, ua, 2, nil, apdu.Success},
		"scaler":           {3, ua, 3, nil, apdu.Success},
		"no attribute":     {3, ua, 9, nil, apdu.ReadWriteDenied},
		"other class":      {1, ua, 2, nil, apdu.ClassInconsistent},
		"no object":        {3, [6]byte{1, 0, 99, 7, 0, 255}, 2, nil, apdu.ObjectUndefined},
		"selected":         {3, ua, 2, apdu.Entry{From: 1, FromColumn: 1}.Access(), apdu.TypeUnmatched},
		"CT ratio":         {1, cosem.CTNumerator, 2, nil, apdu.Success},
		"VT ratio, unset":  {1, cosem.VTNumerator, 2, nil, apdu.ObjectUndefined},
		"time zone":        {8, cosem.ClockCode, 3, nil, apdu.Success},
		"profile period":   {7, cosem.LoadProfile1, 4, nil, apdu.Success},
		"profile size":     {7, cosem.LoadProfile1, 8, nil, apdu.Success},
		"rows in use":      {7, cosem.LoadProfile1, 7, nil, apdu.Success},
		"sort object":      {7, cosem.LoadProfile1, 6, nil, apdu.Success},
		"average register": {3, [6]byte{1, 0, 32, 27, 0, 255}, 2, nil, apdu.Success},
		"entry 0":          {7, cosem.LoadProfile1, 2, apdu.Entry{FromColumn: 1}.Access(), apdu.TypeUnmatched},
		"range by energy": {7, cosem.LoadProfile1, 2, apdu.Range{
			By:   apdu.CaptureObject{Attribute: apdu.Attribute{Class: 3, Code: [6]byte{1, 0, 1, 8, 0, 255}, ID: 2}},
			From: axdr.Uint32(1), To: axdr.Uint32(2)}.Access(), apdu.TypeUnmatched},
	} {
		if got := c.get(x.class, x.code, x.id, x.access); got.Result != x.want {
			t.Errorf("%s: %v, want %v", name, got.Result, x.want)
		}
	}
}

func TestPartsOfTheProfileAreCutByEntryAndByColumn(t *testing.T) {
	c := serve(t, dlmsmeter.Config{Depth: 24 * time.Hour})()
	c.associate(apdu.NoSecurity, "")
	count := func(access *apdu.Access) (rows, columns int) {
		t.Helper()
		got := c.get(7, cosem.LoadProfile1, 2, access)
		if got.Result != apdu.Success {
			t.Fatal(got.Result)
		}
		for _, row := range got.Value.Items() {
			columns = len(row.Items())
		}
		return len(got.Value.Items()), columns
	}
	all := 2 + len(dlmsmeter.Columns())
	if rows, columns := count(apdu.Entry{From: 3, To: 5, FromColumn: 1}.Access()); rows != 3 || columns != all {
		t.Errorf("entries 3 to 5: %d rows of %d", rows, columns)
	}
	if rows, columns := count(apdu.Entry{From: 48, To: 99, FromColumn: 1, ToColumn: 2}.Access()); rows != 2 || columns != 2 {
		t.Errorf("entries from 48 on, two columns: %d rows of %d", rows, columns)
	}
	if rows, _ := count(apdu.Entry{From: 400, FromColumn: 1}.Access()); rows != 0 {
		t.Errorf("entries past the end: %d rows", rows)
	}
	clock := apdu.CaptureObject{Attribute: apdu.Attribute{Class: 8, Code: cosem.ClockCode, ID: 2}}
	by := func(from, to time.Time) *apdu.Access {
		zone := time.FixedZone("", 7*3600)
		return apdu.Range{By: clock, From: axdr.At(from, zone).Value(), To: axdr.At(to, zone).Value(), Columns: []apdu.CaptureObject{clock}}.Access()
	}
	if rows, columns := count(by(noon.Add(-time.Hour), noon)); rows != 3 || columns != 1 {
		t.Errorf("an hour, both ends included: %d rows of %d, want 3 of 1", rows, columns)
	}
	if rows, _ := count(by(noon.Add(time.Hour), noon.Add(2*time.Hour))); rows != 0 {
		t.Errorf("the future: %d rows", rows)
	}
}

func TestBlocksCarryALongAnswerAndNothingElse(t *testing.T) {
	c := serve(t, dlmsmeter.Config{MaxPDU: 128})()
	c.associate(apdu.NoSecurity, "")
	whole := &apdu.GetRequest{Invoke: 0xC5, Item: apdu.Item{Attribute: apdu.Attribute{Class: 7, Code: cosem.LoadProfile1, ID: 3}}}
	block, ok := c.ask(whole).(*apdu.GetBlock)
	if !ok || block.Block != 1 || block.Last || block.Invoke != 0xC5 {
		t.Fatalf("first block %+v", block)
	}
	data := append([]byte(nil), block.Data...)
	for !block.Last {
		if block, ok = c.ask(&apdu.GetNext{Invoke: 0xC5, Block: block.Block}).(*apdu.GetBlock); !ok || block.Result != apdu.Success {
			t.Fatalf("next block %+v", block)
		}
		data = append(data, block.Data...)
	}
	v, rest, err := axdr.Decode(data)
	if err != nil || len(rest) != 0 || len(v.Items()) != 2+len(dlmsmeter.Columns()) {
		t.Errorf("%d columns, %d octets left, %v", len(v.Items()), len(rest), err)
	}
	if b, _ := c.ask(&apdu.GetNext{Invoke: 0xC5, Block: block.Block}).(*apdu.GetBlock); b == nil || b.Result != apdu.NoLongGetInProgress {
		t.Errorf("a block after the last: %+v", b)
	}
	c.ask(whole)
	if b, _ := c.ask(&apdu.GetNext{Invoke: 0xC5, Block: 7}).(*apdu.GetBlock); b == nil || b.Result != apdu.BlockNumberInvalid {
		t.Errorf("a block that is not the next: %+v", b)
	}
}

func TestClientThatDoesNotSpeakTheWrapperIsCutOff(t *testing.T) {
	c := serve(t, dlmsmeter.Config{})()
	if _, err := c.conn.Write([]byte(strings.Repeat("GET / HTTP/1.1\r\n", 4))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.conn.Read(make([]byte, 1)); err == nil {
		t.Error("it was answered")
	}
}

func TestSilentClientLosesItsAssociation(t *testing.T) {
	dial := serve(t, dlmsmeter.Config{IdleTime: 300 * time.Millisecond})
	c := dial()
	c.associate(apdu.NoSecurity, "")
	if _, err := c.conn.Read(make([]byte, 1)); err == nil {
		t.Error("the connection stayed open")
	}
	if _, err := dial().associate(apdu.NoSecurity, "").Outcome(); err != nil {
		t.Errorf("the next client: %v", err)
	}
}

func TestRegistersShowTheirResolutionAndCountersRoll(t *testing.T) {
	got := dlmsmeter.AsRead(flat{}.Instant(noon))
	for q, want := range map[grid.Quantity]float64{
		grid.Ua: 230.13, grid.P: -1.2346, grid.Pf: -0.5, grid.EaImp: float64(4_295_000_000-1<<32) / 10_000,
	} {
		if x, ok := got.Get(q); !ok || x != want {
			t.Errorf("%v = %v, %v; want %v", q, x, ok, want)
		}
	}
	if got.Has(grid.Ib) {
		t.Error("a quantity that the source does not give is shown")
	}
	row := dlmsmeter.AsRow(flat{}.Instant(noon))
	if row.Has(grid.Pf) || !row.Has(grid.P) {
		t.Error("a row shows what it does not capture, or the reverse")
	}
}
