package twosignal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each file of testdata/compile begins with `// error: ` and what the compiler says about it, or with `// compiles`.
func TestWhatIsWrongDoesNotCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/compile/*.go")
	if err != nil || len(files) < 2 {
		t.Fatalf("found %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			expected, _, _ := strings.Cut(string(source), "\n")
			said, err := exec.Command("go", "build", "-o", os.DevNull, "./"+file).CombinedOutput()
			if expected == "// compiles" {
				if err != nil {
					t.Errorf("does not compile: %s", said)
				}
				return
			}
			message := strings.TrimPrefix(expected, "// error: ")
			if err == nil || message == expected || strings.Count(string(said), file) != 1 || !strings.Contains(string(said), message) {
				t.Errorf("the compiler says %q; expected %q alone", said, message)
			}
		})
	}
}
