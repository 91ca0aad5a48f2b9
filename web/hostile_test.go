package web_test

// hostile are names that a register may hold and a page must show as they are.
var hostile = []string{
	`<img src=x onerror="window.harmed=1">`,
	`</script><script>window.harmed=1</script>`,
	`"><svg onload=window.harmed=1>`,
	`'};window.harmed=1;//{{.}}${window.harmed=1}`,
	"javascript:window.harmed=1",
	"]]><!--\u2028\u202e",
}
