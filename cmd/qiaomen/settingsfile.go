package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// changeSettings writes other values into a file of settings, and leaves what
// people wrote around them. An empty value takes its line away.
func changeSettings(text []byte, values map[string]string) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("no settings in %d bytes", len(text))
	}
	root := doc.Content[0]
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := 0
		for i < len(root.Content) && root.Content[i].Value != name {
			i += 2
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Value: values[name]}
		switch {
		case i == len(root.Content) && values[name] != "":
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
		case i < len(root.Content) && values[name] != "":
			root.Content[i+1] = value
		case i < len(root.Content):
			root.Content = slices.Delete(root.Content, i, i+2)
		}
	}
	return yaml.Marshal(&doc)
}

// replaceFile puts a file whole in the place of another.
func replaceFile(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // readable by its owner only
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(name))
}

// parseSettings is the settings of a file as they stand there, without defaults.
func parseSettings(text []byte) (map[string]string, error) {
	out := map[string]string{}
	if err := yaml.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return out, nil
}

// chinaTime is a time of the ledger, for people.
func chinaTime(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.In(time.FixedZone("+08:00", 8*60*60)).Format("2006-01-02 15:04:05")
}
