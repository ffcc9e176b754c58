// What a picture shows, read from its SVG by libxml2.
#ifndef GRAV_TESTS_SVG_H
#define GRAV_TESTS_SVG_H

#include <string>
#include <vector>

namespace svg {

struct Point {
    double x, y; // pixels from the left and from the top
};

// A series or a law, or a line of the key.
struct Plot {
    std::string title;
    std::vector<Point> marks; // points, without the one in the key
    std::vector<Point> line;  // corners
    // Columns: the middle of the top, and the height.
    std::vector<Point> tops;
    std::vector<double> heights;
};

struct Label {
    std::string text;
    Point at;
};

struct Picture {
    double width = 0, height = 0;
    std::vector<std::string> texts; // in the order in which they are drawn
    std::vector<Label> labels;      // the same with their places
    std::vector<Plot> plots;
};

// Throws where it is no well-formed XML.
Picture Read(const std::string &text);

// Whether one of the texts is this.
bool Shows(const Picture &picture, const std::string &text);

} // namespace svg

#endif
